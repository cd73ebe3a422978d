// Command sweep removes from the engine what test runs that were killed have left there. It does nothing while tests run.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"tasks/internal/toolbox"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	removed, err := toolbox.Sweep(ctx)
	for _, what := range removed {
		fmt.Println("removed", what)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sweep:", err)
		os.Exit(1)
	}
}
