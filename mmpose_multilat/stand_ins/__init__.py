"""Files that `doctor --fix` copies into an environment in place of what is compiled or missing.

They are no modules of this package: each stands alone under another name, because MMPose imports it
before this package, and says itself what it replaces.
"""
