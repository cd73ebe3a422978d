// Command sweep removes the resources of killed test runs from the engine. While tests run, sweep does nothing.
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
	removed, kept, err := toolbox.Sweep(ctx)
	for _, what := range removed {
		fmt.Println("removed", what)
	}
	for _, what := range kept {
		fmt.Println("kept", what)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sweep:", err)
		os.Exit(1)
	}
}
