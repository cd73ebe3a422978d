package view

import (
	"fmt"
	"strings"
)

// OnceBlock is the task block of `tasks once --as-task`, with the parts of the call outside a block.
type OnceBlock struct {
	Name, Block string
	// Flags are flags without an attribute, as given.
	Flags []string
	// ProjectFlags choose the compose project, each with a space before; empty: none.
	ProjectFlags string
}

// PrintOnceBlock writes the block to stdout, with a comment for each part outside the block.
func PrintOnceBlock(p *Printer, b OnceBlock) {
	var text strings.Builder
	for _, flag := range b.Flags {
		fmt.Fprintf(&text, "# %s has no attribute; pass it on the command line: tasks run %s %s\n", flag, flag, b.Name)
	}
	if b.ProjectFlags != "" {
		fmt.Fprintf(&text, "# of the same project: tasks%s run %s\n", b.ProjectFlags, b.Name)
	}
	text.WriteString(b.Block)
	fmt.Fprint(p.Stdout(), text.String())
}
