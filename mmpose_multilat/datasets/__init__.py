"""Data sets beyond MMPose's own; ``synthetic`` draws faces."""
