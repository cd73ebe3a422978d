package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tasks/internal/view"
)

// Sizes of a drawing in pixels.
const (
	charWidth   = 7.9
	nodePadding = 12
	nodeHeight  = 30
	rowGap      = 14
	columnGap   = 56
	laneHeight  = 6
	margin      = 10
)

// drawing is a graph with places: the dependencies of a node stand to its right.
type drawing struct {
	Width, Height float64
	Nodes         []drawnNode
	Edges         []drawnEdge
}

// drawnNode is a box with a text.
type drawnNode struct {
	X, Y, Width, Height float64
	Text                string
	// IsService reports a node that is no task.
	IsService bool
}

// TextX and TextY are the middle of the text.
func (n drawnNode) TextX() float64 { return n.X + n.Width/2 }

// TextY is the middle of the text.
func (n drawnNode) TextY() float64 { return n.Y + n.Height/2 }

// drawnEdge is a curve from the right side of a box to the left side of another.
type drawnEdge struct {
	// Path is in the language of SVG.
	Path      string
	IsFinally bool
}

// link is an edge from the left to the right.
type link struct {
	from, to  string
	isFinally bool
	// lanes are the ids of the places where the edge passes other columns.
	lanes []string
}

// draw places the nodes of a graph in columns. An edge that others imply is left out.
func draw(g view.Graph) drawing {
	var d drawing
	links := newLinks(g.Edges)
	boxes := map[string]*drawnNode{}
	x := float64(margin)
	for _, column := range arrange(g.Nodes, links) {
		y, width := float64(margin), 0.0
		for _, id := range column {
			box := &drawnNode{X: x, Y: y, Height: laneHeight}
			if i := slices.IndexFunc(g.Nodes, func(n view.Node) bool { return n.ID == id }); i >= 0 {
				box.Height, box.Text, box.IsService = nodeHeight, labelOf(g.Nodes[i]), g.Nodes[i].Kind != "task"
				box.Width = float64(utf8.RuneCountInString(box.Text))*charWidth + 2*nodePadding
			}
			boxes[id] = box
			y += box.Height + rowGap
			width = max(width, box.Width)
		}
		for _, id := range column {
			if boxes[id].Text == "" {
				boxes[id].Width = width // a lane is as wide as its column
			}
		}
		d.Height = max(d.Height, y-rowGap+margin)
		x += width + columnGap
	}
	d.Width = x - columnGap + margin
	for _, l := range links {
		d.Edges = append(d.Edges, drawnEdge{Path: pathOf(l, boxes), IsFinally: l.isFinally})
	}
	for _, n := range g.Nodes {
		d.Nodes = append(d.Nodes, *boxes[n.ID])
	}
	return d
}

// newLinks returns the edges, each once, without edges that others imply.
func newLinks(edges []view.Edge) []*link {
	var links []*link
	next := map[string][]string{}
	for _, e := range edges {
		l := &link{from: e.From, to: e.To}
		if e.Reason == "finally" { // the following task stands to the right
			l = &link{from: e.To, to: e.From, isFinally: true}
		}
		if !slices.Contains(next[l.from], l.to) {
			links, next[l.from] = append(links, l), append(next[l.from], l.to)
		}
	}
	return slices.DeleteFunc(links, func(l *link) bool {
		return !l.isFinally && reaches(next, l.from, l.to, map[string]bool{l.from: true}, true)
	})
}

// reaches reports whether a way leads from a node to another; a way of one edge does not count if isFirst is set.
func reaches(next map[string][]string, from, to string, isSeen map[string]bool, isFirst bool) bool {
	for _, n := range next[from] {
		if n == to {
			if !isFirst {
				return true
			}
			continue
		}
		if !isSeen[n] {
			isSeen[n] = true
			if reaches(next, n, to, isSeen, false) {
				return true
			}
		}
	}
	return false
}

// pathOf draws a link through its lanes.
func pathOf(l *link, boxes map[string]*drawnNode) string {
	var b strings.Builder
	before := boxes[l.from]
	fmt.Fprintf(&b, "M%.1f %.1f", before.X+before.Width, before.TextY())
	for _, id := range append(slices.Clone(l.lanes), l.to) {
		x, y, box := before.X+before.Width, before.TextY(), boxes[id]
		middle := (x + box.X) / 2
		fmt.Fprintf(&b, " C%.1f %.1f %.1f %.1f %.1f %.1f", middle, y, middle, box.TextY(), box.X, box.TextY())
		if id != l.to {
			fmt.Fprintf(&b, " H%.1f", box.X+box.Width)
		}
		before = box
	}
	return b.String()
}

// arrange returns the ids of nodes and lanes by column. A node is behind all nodes that need it. A cycle ends after as
// many rounds as there are nodes.
func arrange(nodes []view.Node, links []*link) [][]string {
	depth := map[string]int{}
	for range nodes {
		isChanged := false
		for _, l := range links {
			if depth[l.to] <= depth[l.from] && depth[l.from]+1 < len(nodes) {
				depth[l.to], isChanged = depth[l.from]+1, true
			}
		}
		if !isChanged {
			break
		}
	}
	columns := make([][]string, len(nodes))
	for _, n := range nodes {
		columns[depth[n.ID]] = append(columns[depth[n.ID]], n.ID)
	}
	before := map[string][]string{} // the sources of a node or lane, in the column before
	for i, l := range links {
		source := l.from
		for c := depth[l.from] + 1; c < depth[l.to]; c++ {
			lane := fmt.Sprintf("lane %d in column %d", i, c)
			l.lanes, columns[c] = append(l.lanes, lane), append(columns[c], lane)
			before[lane], source = []string{source}, lane
		}
		before[l.to] = append(before[l.to], source)
	}
	columns = slices.DeleteFunc(columns, func(c []string) bool { return len(c) == 0 })
	for i := 1; i < len(columns); i++ {
		sortBySources(columns[i], columns[i-1], before)
	}
	return columns
}

// sortBySources sorts a column by the mean row of the sources in the column before.
func sortBySources(column, previous []string, before map[string][]string) {
	mean := map[string]float64{}
	for _, id := range column {
		sum, count := 0, 0
		for _, source := range before[id] {
			if row := slices.Index(previous, source); row >= 0 {
				sum, count = sum+row, count+1
			}
		}
		if mean[id] = float64(len(previous)); count > 0 {
			mean[id] = float64(sum) / float64(count)
		}
	}
	slices.SortStableFunc(column, func(x, y string) int { return cmp.Compare(mean[x], mean[y]) })
}

// labelOf is the text of a box.
func labelOf(n view.Node) string {
	if n.Kind != "task" {
		return clean(n.Kind + " " + n.Name)
	}
	return clean(n.Name)
}
