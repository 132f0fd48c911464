"""From the official raw release of a data set to the files that MMPose reads."""
