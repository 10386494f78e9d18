"""One module per payment method; `factory` knows them all."""
