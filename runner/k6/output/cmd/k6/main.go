// Command k6 is k6 with an additional output: --out novaperf=-.
//
// Build it in the module's folder:
//
//	go build -trimpath -buildvcs=false -ldflags='-s -w' -o k6 ./cmd/k6
package main

import (
	"go.k6.io/k6/v2/cmd"

	_ "novaperf/k6"
)

func main() {
	cmd.Execute()
}
