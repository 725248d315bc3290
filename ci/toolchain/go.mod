// Pulumi's own command line tool, as a Go module: what `ci/toolchain/ensure` builds where the
// official release is out of reach. go.sum was written by a build of it.
module tame.invalid/toolchain

go 1.25.11

require github.com/pulumi/pulumi/pkg/v3 v3.255.0
