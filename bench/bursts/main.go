// Command bursts measures the changes that one save of an editor, or one command, makes in a watched directory: how
// many, from the first to the last, and the longest pause between two. A debounce interval above the longest pause makes
// one run of a save. The default of `debounce` comes from the table of this program.
//
//	go run ./bench/bursts                # all installed programs, 30 saves each
//	go run ./bench/bursts -saves 100 -only 'vim|emacs'
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bursts: "+err.Error())
		os.Exit(1)
	}
}

// run measures each program, and prints the table.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bursts", flag.ContinueOnError)
	flags.SetOutput(stderr)
	saves := flags.Int("saves", 30, "saves of each program")
	only := flags.String("only", "", "regular `expression` for the programs to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pattern, err := regexp.Compile(*only)
	switch {
	case err != nil:
		return fmt.Errorf("-only: %w", err)
	case *saves < 1 || flags.NArg() > 0:
		return errors.New("at least one save is needed, and no other words")
	}
	fmt.Fprintf(stdout, "%d saves of each program. Load before: %s\n\n", *saves, load())
	fmt.Fprint(stdout, tableHead)
	for _, s := range savers() {
		if !pattern.MatchString(s.name) {
			continue
		}
		bursts, err := measure(ctx, s, *saves)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		fmt.Fprintln(stdout, line(s.name, bursts, err))
	}
	fmt.Fprintf(stdout, "\nLoad after: %s\n", load())
	return nil
}

const tableHead = "| a save by | changes | first to last: median | largest | longest pause: median | 95th percentile | largest |\n" +
	"| --------- | ------- | --------------------- | ------- | --------------------- | --------------- | ------- |\n"

// line is the line of a program in the table.
func line(name string, bursts []burst, err error) string {
	if err != nil {
		return fmt.Sprintf("| %s | not measured: %s | | | | | |", name, err)
	}
	lasting, pauses, changes := make([]time.Duration, 0), make([]time.Duration, 0), 0
	for _, b := range bursts {
		lasting, pauses = append(lasting, b.duration()), append(pauses, b.longestPause())
		changes = max(changes, len(b))
	}
	return fmt.Sprintf("| %s | %d | %s | %s | %s | %s | %s |", name, changes, text(percentile(lasting, 50)),
		text(percentile(lasting, 100)), text(percentile(pauses, 50)), text(percentile(pauses, 95)), text(percentile(pauses, 100)))
}

// percentile returns the least value that is not exceeded by p percent of all. Without values it is 0.
func percentile(values []time.Duration, p int) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max((len(sorted)*p+99)/100, 1)-1]
}

// text writes a duration in milliseconds.
func text(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// load is the load of the machine; "unknown" where the system does not tell.
func load() string {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return string(content[:min(len(content), len("0.00 0.00 0.00"))])
}
