"""What tests share: a recorder in place of Pulumi's engine, and example stacks."""
