// Command bench measures `tasks` alternately with other tools, and writes docs/BENCHMARKS.md. Every figure is first of
// all a ratio to a run right beside, because milliseconds differ between machines.
//
//	go run ./bench                       # everything, about half an hour with three versions of Compose
//	go run ./bench -run warm -o -        # a single case, nothing written
//	go run ./bench -pairs 41             # for goals within 10 %
//	go run ./bench -run 'warm|chain' -row 'raw|tasks' -pairs 41 -o -   # warm one-offs beside the floor alone
//	go run ./bench -run '^watch$' -o -   # from a save to the first output, 100 saves a row, beside the tools of .ci/peers --bench
//	go run ./bench -run display -pairs 3 -o -   # the live display's share of a core
//	go run ./bench -run 'services|dag|files|tree|list|plan' -pairs 5 -o -   # many at once
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	cases    *regexp.Regexp
	rows     *regexp.Regexp
	pairs    int
	out      string
	tasks    string
	composes paths
	goTask   string
	peers    string
}

// paths is a repeatable flag.
type paths []string

func (p *paths) String() string { return strings.Join(*p, ", ") }

func (p *paths) Set(value string) error {
	*p = append(*p, value)
	return nil
}

// noOutputFile is the value of -o for no file.
const noOutputFile = "-"

func parseOptions(args []string, stderr io.Writer) (options, error) {
	o := options{}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	cases := fs.String("run", "", "regular `expression` for the cases to measure: "+strings.Join(caseNames(), ", "))
	rows := fs.String("row", "", "regular `expression` for the rows to measure")
	fs.IntVar(&o.pairs, "pairs", 15, "pairs of each comparison; 41 for goals within 10 %")
	fs.StringVar(&o.out, "o", filepath.Join("docs", "BENCHMARKS.md"), "`file` to write; -: none")
	fs.StringVar(&o.tasks, "tasks", "", "measure this `program`; else ./cmd/tasks is built")
	fs.Var(&o.composes, "compose", "measure the Compose at this `path` too (repeatable)")
	fs.StringVar(&o.goTask, "task", "", "`path` of go-task; else that of .ci/peers, or task of PATH")
	fs.StringVar(&o.peers, "peers", peersDir(), "`directory` of the programs that .ci/peers has built")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	return o, o.check(*cases, *rows, fs.Args())
}

// peersDir is the directory of .ci/peers without an argument; empty: unknown.
func peersDir() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "tasks-peers")
}

// check finds failures early, before the long work.
func (o *options) check(cases, rows string, rest []string) (err error) {
	if len(rest) > 0 {
		return fmt.Errorf("nothing can be done with %q: only flags are taken", rest)
	}
	if o.pairs < 1 {
		return fmt.Errorf("-pairs %d: at least one is needed", o.pairs)
	}
	if o.cases, err = regexp.Compile(cases); err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	if o.rows, err = regexp.Compile(rows); err != nil {
		return fmt.Errorf("-row: %w", err)
	}
	if len(selected(o.cases)) == 0 {
		return fmt.Errorf("-run %s matches none of %s", cases, strings.Join(caseNames(), ", "))
	}
	if o.out == noOutputFile {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(o.out)); err != nil || !info.IsDir() {
		return fmt.Errorf("cannot write %s: %s is no directory; run this at the top of the checkout, or give -o",
			o.out, filepath.Dir(o.out))
	}
	return nil
}

// run measures, prints, and writes the page. At the end, run always removes everything it made.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	if len(args) > 0 && args[0] == memoryCommand {
		return runForMemory(ctx, args[1:], stdout)
	}
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	b, err := newBench(o, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	page, err := b.measure(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(stdout, page)
	if o.out != noOutputFile {
		if err := os.WriteFile(o.out, []byte(page), 0o644); err != nil {
			return err
		}
	}
	if b.hasFailed {
		return errors.New("a part of tasks could not be measured: see the last section")
	}
	return nil
}
