"""What is installed, what stands in for what is not, and what is wrong, with its remedy.

Standard library only, and no imports from the rest of the package: the doctor needs it where
nothing else can be imported.
"""
