"""What `benchmark` consists of: loading, measuring, recording, tables and figures."""
