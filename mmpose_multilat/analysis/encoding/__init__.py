"""Parts of the tool `encode_decode`: the error of decoders without a network."""
