package workflow

import "strconv"

// arrowID is the name of the arrowhead in a drawing.
const arrowID = "arrow"

// svg returns the drawing as an element of a page.
func (d drawing) svg() element {
	svg := el("svg", newline, arrowhead(), newline).with("xmlns", "http://www.w3.org/2000/svg").
		with("width", pixels(d.Width, 0)).with("height", pixels(d.Height, 0)).
		with("role", "img").with("aria-label", "dependencies of the tasks")
	for _, e := range d.Edges {
		path := el("path").with("marker-end", "url(#"+arrowID+")").with("d", e.Path)
		if e.IsFinally {
			path = path.with("class", "finally")
		}
		svg.content = append(svg.content, path, newline)
	}
	for _, n := range d.Nodes {
		svg.content = append(svg.content, n.svg(), newline)
	}
	return svg
}

func arrowhead() element {
	marker := el("marker", el("path").with("d", "M0 0 L8 4 L0 8")).with("id", arrowID).with("viewBox", "0 0 8 8").
		with("refX", "7").with("refY", "4").with("markerWidth", "7").with("markerHeight", "7").with("orient", "auto")
	return el("defs", marker)
}

// svg returns the box with its text.
func (n drawnNode) svg() element {
	radius, class := "3", "task"
	if n.IsService {
		radius, class = "14", "service"
	}
	box := el("rect").with("x", pixels(n.X, 1)).with("y", pixels(n.Y, 1)).
		with("width", pixels(n.Width, 1)).with("height", pixels(n.Height, 1)).with("rx", radius)
	text := el("text", n.Text).with("x", pixels(n.TextX(), 1)).with("y", pixels(n.TextY(), 1))
	return el("g", box, text).with("class", class)
}

func pixels(value float64, decimals int) string { return strconv.FormatFloat(value, 'f', decimals, 64) }
