"""Order path of a cell: order queue, matcher, relay with its topics, steward."""
