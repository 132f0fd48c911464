"""What the doctor knows. Standard library only: it must work where nothing else does."""
