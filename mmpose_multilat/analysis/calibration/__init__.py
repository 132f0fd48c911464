"""Parts of the tool `calibrate`: how uncertain the landmarks of a network really are."""
