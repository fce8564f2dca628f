"""Policy packs, asked by the analyzer protocol."""
