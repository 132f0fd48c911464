"""Values and facts about landmarks and their datasets, without registries."""
