package symbols

import (
	"bytes"
	"strings"
)

// File holds the symbols of a file, in chunks: each block at the top of the file is a chunk of its own. A mistake in a
// block does not hide the other blocks, and a change in a block leaves the trees of the others.
type File struct {
	Text   []byte
	Chunks []Chunk
}

// Chunk is a part of a file.
type Chunk struct {
	// Start is the offset of the chunk in the file.
	Start int
	Text  string
	*Tree
}

// Scan finds the symbols of a text. Chunks of an earlier version of the file are not read again; nil: there is none.
func Scan(text []byte, earlier *File) *File {
	known := map[string]*Tree{}
	if earlier != nil {
		for _, c := range earlier.Chunks {
			known[c.Text] = c.Tree
		}
	}
	f := &File{Text: text}
	starts := append(chunkStarts(text), len(text))
	for i, start := range starts[:len(starts)-1] {
		chunk := string(text[start:starts[i+1]])
		tree := known[chunk]
		if tree == nil {
			tree = scan([]byte(chunk))
		}
		f.Chunks = append(f.Chunks, Chunk{Start: start, Text: chunk, Tree: tree})
	}
	return f
}

// ChunkAt returns the chunk with an offset of the file.
func (f *File) ChunkAt(offset int) Chunk {
	for i := len(f.Chunks) - 1; i > 0; i-- {
		if f.Chunks[i].Start <= offset {
			return f.Chunks[i]
		}
	}
	return f.Chunks[0]
}

// chunkStarts returns the offsets of the lines that begin a block at the top of a file. The first chunk starts at 0.
func chunkStarts(text []byte) []int {
	starts := []int{0}
	heredoc, ends := "", heredocEnds(text)
	for start := 0; start < len(text); {
		end := start + bytes.IndexByte(text[start:], '\n') + 1
		if end == start {
			end = len(text)
		}
		line := string(text[start:end])
		switch {
		case heredoc != "":
			if strings.TrimSpace(line) == heredoc {
				heredoc = ""
			}
		case start > 0 && startsBlock(line):
			starts = append(starts, start)
			heredoc = ""
		}
		if heredoc == "" {
			if word := heredocWord(line); word != "" && ends[word] >= end {
				heredoc = word
			}
		}
		start = end
	}
	return starts
}

// startsBlock reports whether a line is the start of a block at the top: a word at its first column, and then a label
// or a brace.
func startsBlock(line string) bool {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	for _, c := range word {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return word != "" && (strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, "{"))
}

// heredocWord returns the end word of a heredoc that a line opens; empty without one.
func heredocWord(line string) string {
	_, word, found := strings.Cut(line, "<<")
	if !found {
		return ""
	}
	word = strings.TrimPrefix(strings.TrimSpace(word), "-")
	if strings.ContainsAny(word, " \t\"'(){}[],") {
		return ""
	}
	return word
}

// heredocEnds returns the offset of the last line with each text. Texts without a heredoc need none.
func heredocEnds(text []byte) map[string]int {
	if !bytes.Contains(text, []byte("<<")) {
		return nil
	}
	ends, offset := map[string]int{}, 0
	for line := range bytes.Lines(text) {
		ends[string(bytes.TrimSpace(line))] = offset
		offset += len(line)
	}
	return ends
}
