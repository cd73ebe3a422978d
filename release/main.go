// Command release makes all files of a release of tasks, from a commit, into a directory. Two calls for the same
// commit, with the same Go, make the same bytes. Nothing is uploaded. docs/releasing.md explains the use.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	root := flags.String("root", "..", "`directory` of the source tree")
	dist := flags.String("dist", "", "write into this new or empty `directory` (default: dist in the source tree)")
	targets := flags.String("targets", strings.Join(allTargets(), ","), "build for these `systems`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("there are no arguments, but got %q", flags.Args())
	}
	r, err := newRelease(*root, *dist, strings.Split(*targets, ","))
	if err != nil {
		return err
	}
	defer r.close()
	if r.hasChanges {
		fmt.Fprintln(os.Stderr, "release: changes since the last commit are no part of the release")
	}
	if err := r.make(); err != nil {
		return err
	}
	if r.home.isUnset() {
		fmt.Fprintln(os.Stderr, "release: release/home.json still has OWNER: these files are for a test only")
	}
	fmt.Printf("tasks %s: %d files in %s\n", r.version, len(r.files), r.dist)
	return nil
}
