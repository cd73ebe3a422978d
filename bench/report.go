package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// introduction explains the figures.
const introduction = `Milliseconds differ from machine to machine, so only the ratios count.

- Each row is measured in pairs of runs: one run of the row and one run of the base, right after each other. The order changes
  from pair to pair.
- The ratio is the time of the row divided by the time of the base in the same pair. The table has the median of the ratios.
- Half of all pairs lie between the quartiles.
- "The raw calls again" is the base against itself. This row shows the noise.
- Each row was measured alone, in its own project, with the client's output in a pipe.
- Unless another program was given, tasks was built as described in README.md. The program was then written to its place in one
  step, as by an installer.
- Memory is the peak memory of a run.

`

// page is docs/BENCHMARKS.md, and the printed result.
func page(m machine, pairs int, tables []table, missing []missingResult) string {
	var w strings.Builder
	w.WriteString("# Benchmarks\n\nWritten by `go run ./bench`; do not edit.\n\n")
	w.WriteString(introduction)
	writeMachine(&w, m, pairs)
	for _, t := range tables {
		writeTable(&w, t)
	}
	writeMissing(&w, missing)
	return w.String()
}

func writeMachine(w *strings.Builder, m machine, pairs int) {
	engine := m.engine
	if engine == "" {
		engine = "not asked"
	}
	grid(w, [][]string{
		{"date", m.date.Format("2006-01-02 15:04 MST")},
		{"machine", fmt.Sprintf("%s, %d cores, load %s before and %s after",
			m.system, m.cores, m.loadBefore, m.loadAfter)},
		{"engine", engine},
		{"Go", m.goVersion},
		{"commit", m.commit},
		{"pairs", fmt.Sprintf("%d, unless the row says otherwise", pairs)},
	}, []string{"", ""})
}

func writeTable(w *strings.Builder, t table) {
	fmt.Fprintf(w, "\n## %s\n\n%s\n\n", t.title, t.how)
	if len(t.rows) == 0 {
		w.WriteString("No row could be measured; see below.\n")
		return
	}
	header := []string{"", "ratio to " + t.base, "quartiles", "time (quartiles)", "the base beside it", "pairs"}
	weighed := slices.ContainsFunc(t.rows, func(r row) bool { return r.memory > 0 })
	if weighed {
		header = append(header, "memory")
	}
	if t.hasTail {
		header = append(header, "95th percentile")
	}
	var cells [][]string
	var notes []string
	for _, r := range t.rows {
		s := compare(r.pairs, t.metric)
		line := []string{
			r.name, ratio(s.ratio.median), ratio(s.ratio.low) + " – " + ratio(s.ratio.high),
			spread(s.other), spread(s.base), fmt.Sprint(len(r.pairs)),
		}
		if weighed {
			line = append(line, mebibytes(r.memory))
		}
		if t.hasTail {
			line = append(line, duration(s.tail))
		}
		cells = append(cells, line)
		if r.note != "" {
			notes = append(notes, "- "+r.name+": "+r.note+".\n")
		}
	}
	grid(w, cells, header)
	if len(notes) > 0 {
		w.WriteString("\n" + strings.Join(notes, ""))
	}
}

func writeMissing(w *strings.Builder, missing []missingResult) {
	w.WriteString("\n## Not measured\n\n")
	if len(missing) == 0 {
		w.WriteString("Nothing was missing.\n")
	}
	for _, m := range missing {
		fmt.Fprintf(w, "- %s: %s\n", m.name, m.reason)
	}
}

// ratio formats a ratio with only meaningful digits, at most two after the point.
func ratio(r float64) string {
	if r >= 10 {
		return fmt.Sprintf("%.1f ×", r)
	}
	return fmt.Sprintf("%.2f ×", r)
}

// mebibytes rounds up, so that a limit holds. An unknown size gives an empty text.
func mebibytes(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return fmt.Sprintf("%d MiB", (bytes+1<<20-1)>>20)
}

func spread(q quartiles) string {
	return fmt.Sprintf("%s (%s – %s)", duration(q.median), duration(q.low), duration(q.high))
}

// duration formats milliseconds, with more digits for few milliseconds, or seconds for long times.
func duration(ms float64) string {
	switch {
	case ms >= 1000:
		return fmt.Sprintf("%.2f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f ms", ms)
}

// grid is a Markdown table, aligned for readers of the source.
func grid(w *strings.Builder, rows [][]string, header []string) {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3)
		}
	}
	rule := make([]string, len(header))
	for i := range rule {
		rule[i] = strings.Repeat("-", widths[i])
	}
	for _, row := range slices.Concat([][]string{header, rule}, rows) {
		for i, cell := range row {
			w.WriteString("| " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)) + " ")
		}
		w.WriteString("|\n")
	}
}
