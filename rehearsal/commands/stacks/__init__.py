"""Commands about what stacks have recorded: `stack`, `state` and `import`."""
