"""A web shop, as someone new to AWS writes it: it works, and much about it is wrong.

`mistakes.tsv` lists all that is wrong. What isn't listed there is right on purpose.
"""

import backend
import cluster
import databases
import network
import people
import pulumi
import storage
import watch
import web

pulumi.export("vpc", network.vpc.id)
pulumi.export("photos", storage.photos.bucket)
pulumi.export("database", databases.orders.endpoint)
pulumi.export("api", backend.shop_api.id)
pulumi.export("site", web.site.domain_name)
pulumi.export("cluster", cluster.eks.name)
pulumi.export("trail", watch.trail.arn)
pulumi.export("deployer", people.deployer.arn)
