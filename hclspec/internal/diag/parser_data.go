package diag

import (
	"bytes"
	"regexp"
	"strconv"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
)

// AddParserData gives a diagnostic of HCL's parser its suggestion and the other places of the file in its detail.
// HCL has both only in words: "Did you mean x?", and a place as the String of [hcl.Range], file:line,column-column.
// Messages of our own never pass through here.
func AddParserData(d *hcl.Diagnostic, filename string, text []byte) {
	if found := regexp.MustCompile(`Did you mean ([^?]+)\?`).FindStringSubmatch(d.Detail); found != nil {
		AddData(d, Text{suggestion: found[1]})
	}
	pattern := regexp.MustCompile(`(?:^|[\s(])` + regexp.QuoteMeta(filename) + `:([0-9]+),([0-9]+)-`)
	for _, found := range pattern.FindAllStringSubmatch(d.Detail, -1) {
		line, _ := strconv.Atoi(found[1])
		column, _ := strconv.Atoi(found[2])
		start := hcl.Pos{Line: line, Column: column, Byte: offsetOf(text, line, column)}
		AddData(d, Place(hcl.Range{Filename: filename, Start: start, End: start}))
	}
}

// offsetOf returns the byte offset of a line and column. It is not beyond the end of the text.
func offsetOf(text []byte, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		end := bytes.IndexByte(text[offset:], '\n')
		if end < 0 {
			return len(text)
		}
		offset += end + 1
	}
	for ; column > 1 && offset < len(text); column-- {
		advance, _, err := textseg.ScanGraphemeClusters(text[offset:], true)
		if err != nil || advance == 0 {
			break
		}
		offset += advance
	}
	return offset
}
