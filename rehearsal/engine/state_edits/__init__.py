"""State edits: changes of a stack's records alone, as the subcommands of `pulumi state` make them."""
