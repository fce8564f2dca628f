"""Partners: settings that have an effect only together with those of another resource, which AWS doesn't check."""
