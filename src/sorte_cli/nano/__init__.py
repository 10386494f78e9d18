"""nano, the small model that ships with Sorte: its weights (`nano.gguf`) and card (`nano.json`).

Data only. `paths.nano_model()` says where the weights lie; `docs/nano.md` says what it can do.
"""
