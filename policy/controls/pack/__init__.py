"""Pack: rules as the policies that Pulumi runs, with configuration, exceptions, pages and counts."""
