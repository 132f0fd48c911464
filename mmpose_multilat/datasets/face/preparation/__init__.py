"""From the official raw release of a dataset to the files that MMPose reads."""
