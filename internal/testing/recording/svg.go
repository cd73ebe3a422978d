package recording

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"time"

	"tasks/internal/testing/screen"
)

// Sizes of the picture in pixels, and times of the film.
const (
	charWidth, lineHeight = 8.4, 19
	margin                = 14
	// frameTime is the shortest time of a frame. Events within this time make one frame.
	frameTime = 250 * time.Millisecond
	// lastFrameTime is how long the end stays before the film begins again.
	lastFrameTime = 6 * time.Second
)

// frame is a screen, from a time on.
type frame struct {
	at    time.Duration
	lines [][]screen.Run
}

// frames returns the screens that differ, and the length of the film.
func (c Cast) frames() ([]frame, time.Duration) {
	terminal := screen.New(c.Rows, c.Columns)
	var all []frame
	for i, e := range c.Events {
		fmt.Fprint(terminal, e.Text)
		isFollowed := i+1 < len(c.Events) && c.Events[i+1].At-e.At < frameTime
		isDue := len(all) > 0 && e.At-all[len(all)-1].at >= frameTime
		if isFollowed && !isDue {
			continue
		}
		if lines := terminal.Visible(); len(all) == 0 || !slices.EqualFunc(lines, all[len(all)-1].lines, slices.Equal) {
			all = append(all, frame{at: e.At, lines: lines})
		}
	}
	return all, c.Events[len(c.Events)-1].At + lastFrameTime
}

const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]g %[2]d" width="%[1]g" height="%[2]d" role="img">
<title>%[3]s</title>
<style>
text { font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d5d9de; white-space: pre; }
.b { font-weight: bold; } .d { fill: #8a929c; } .c1 { fill: #ff7b72; } .c2 { fill: #56d364; } .c3 { fill: #e3b341; }
.c4 { fill: #79c0ff; } .c5 { fill: #d2a8ff; } .c6 { fill: #56d4dd; }
.film { animation: film %[4]gs steps(1, end) infinite; }
@media (prefers-reduced-motion: reduce) { .film { animation: none; } }
@keyframes film {
%[5]s}
</style>
<rect width="100%%" height="100%%" rx="8" fill="#16191d"/>
<svg x="%[6]d" y="%[6]d" width="%[7]g" height="%[8]d">
`

// SVG returns a film in one file, without scripts. The frames stand side by side, and an animation moves them through a window.
// A program without animations shows the last frame.
func (c Cast) SVG() string {
	frames, length := c.frames()
	width, height := float64(c.Columns)*charWidth, c.Rows*lineHeight
	var times, defs, film strings.Builder
	numbers := map[string]int{}
	for i, f := range frames {
		left := float64(i) * width
		start := f.at
		if i == 0 {
			start = 0
		}
		fmt.Fprintf(&times, "%s%% { transform: translateX(%spx); }\n", decimal(100*start.Seconds()/length.Seconds()), decimal(-left))
		for row, runs := range f.lines {
			text := spans(runs)
			if text == "" {
				continue
			}
			if _, isKnown := numbers[text]; !isKnown {
				numbers[text] = len(numbers)
				fmt.Fprintf(&defs, "<text id=\"t%d\">%s</text>\n", numbers[text], text)
			}
			fmt.Fprintf(&film, "<use href=\"#t%d\" x=\"%s\" y=\"%d\"/>\n", numbers[text], decimal(left), row*lineHeight+lineHeight-5)
		}
	}
	last := -float64(len(frames)-1) * width
	return fmt.Sprintf(head, width+2*margin, height+2*margin, html.EscapeString(c.Title), length.Seconds(), times.String(), margin, width, height) +
		"<defs>\n" + defs.String() + "</defs>\n" +
		fmt.Sprintf("<g class=\"film\" transform=\"translate(%s 0)\">\n", decimal(last)) + film.String() + "</g>\n</svg>\n</svg>\n"
}

// decimal returns a number with at most three digits behind the point.
func decimal(n float64) string {
	text := strings.TrimRight(strconv.FormatFloat(n, 'f', 3, 64), "0")
	if text = strings.TrimSuffix(text, "."); text == "-0" {
		return "0"
	}
	return text
}

// spans returns a line as text of SVG. An empty line is "".
func spans(runs []screen.Run) string {
	var all strings.Builder
	for i, run := range runs {
		text := run.Text
		if i == len(runs)-1 && run.Style == "" {
			text = strings.TrimRight(text, " ")
		}
		text = html.EscapeString(text)
		if names := classes(run.Style); names != "" && text != "" {
			text = fmt.Sprintf("<tspan class=%q>%s</tspan>", names, text)
		}
		all.WriteString(text)
	}
	return all.String()
}

// classes returns the names of a style in the style sheet of the picture. Styles without a name are plain.
func classes(style string) string {
	var names []string
	for parameter := range strings.SplitSeq(style, ";") {
		n, err := strconv.Atoi(parameter)
		switch {
		case err != nil:
		case n == 1:
			names = append(names, "b")
		case n == 2 || n == 90:
			names = append(names, "d")
		case n >= 31 && n <= 36:
			names = append(names, fmt.Sprint("c", n-30))
		case n >= 91 && n <= 96:
			names = append(names, fmt.Sprint("c", n-90))
		}
	}
	return strings.Join(names, " ")
}
