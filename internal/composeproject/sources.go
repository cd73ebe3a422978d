package composeproject

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// sources holds the compose files of a project as YAML nodes with their places, absent from compose-go's model. The
// files are parsed on the first request for a place.
type sources struct {
	dir string
	// files grows only during the load of the project.
	files []string
	// projectFileCount is the number of the project's own files. Files of include and extends follow after these.
	projectFileCount int
	docs             func() []document
}

// document is a YAML document, or the error of a file.
type document struct {
	file string
	root *yaml.Node
	err  error
	// lines is the number of lines of the file.
	lines int
}

func newSources(dir string, files []string) *sources {
	s := &sources{dir: dir, files: files[:len(files):len(files)], projectFileCount: len(files)}
	s.docs = sync.OnceValue(s.parseFiles)
	return s
}

// onLoadEvent records the files of include and extends. compose-go calls onLoadEvent from a single goroutine.
func (s *sources) onLoadEvent(event string, metadata map[string]any) {
	dir := s.dir
	if d, ok := metadata["workingdir"].(string); ok {
		dir = d
	}
	switch event {
	case "include":
		included, _ := metadata["path"].(types.StringList)
		for _, file := range included {
			s.addFile(dir, file)
		}
	case "extends":
		if file, ok := metadata["file"].(string); ok {
			s.addFile(dir, file)
		}
	}
}

func (s *sources) addFile(dir, file string) {
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	s.files = append(s.files, file)
}

func (s *sources) parseFiles() []document {
	var docs []document
	for _, file := range s.files {
		content, err := os.ReadFile(file)
		if err != nil {
			docs = append(docs, document{file: file, err: err})
			continue
		}
		docs = append(docs, parseFile(file, content)...)
	}
	return docs
}

func parseFile(file string, content []byte) []document {
	var docs []document
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var root yaml.Node
		err := decoder.Decode(&root)
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			lines := bytes.Count(bytes.TrimRight(content, "\n"), []byte("\n")) + 1
			return append(docs, document{file: file, err: err, lines: lines})
		}
		docs = append(docs, document{file: file, root: &root})
	}
}

// locatePath follows a path in all documents and returns the deepest place. Among equal depths, the first wins.
func (s *sources) locatePath(path []string) location {
	var best location
	for _, doc := range s.docs() {
		if doc.root == nil {
			continue
		}
		at := location{file: doc.file}
		followPath(doc.root, path, &at)
		if at.depth > best.depth {
			best = at
		}
	}
	return best
}

// locateEffective differs from locatePath among places of equal depth: the last of the project's own files wins, then
// other files.
func (s *sources) locateEffective(path []string) location {
	var best location
	for _, doc := range s.docs() {
		if doc.root == nil {
			continue
		}
		at := location{file: doc.file}
		followPath(doc.root, path, &at)
		isOwn := slices.Contains(s.files[:s.projectFileCount], at.file)
		if at.depth > best.depth || at.depth == best.depth && at.depth > 0 && isOwn {
			best = at
		}
	}
	return best
}

// followPath descends from node and records the place of the last found segment.
func followPath(node *yaml.Node, path []string, at *location) {
	if len(path) == 0 {
		at.isComplete = true
		return
	}
	switch node.Kind {
	case yaml.DocumentNode:
		followPath(node.Content[0], path, at)
	case yaml.AliasNode:
		followPath(node.Alias, path, at)
	case yaml.MappingNode:
		followMapping(node, path, at)
	case yaml.SequenceNode:
		followSequence(node, path, at)
	}
}

// followMapping tries the longest key first: in the path of a message, a dot may belong to a name.
func followMapping(node *yaml.Node, path []string, at *location) {
	for n := len(path); n > 0; n-- {
		key, value := mappingEntry(node, strings.Join(path[:n], "."))
		if key != nil {
			at.line, at.column, at.depth = key.Line, key.Column, at.depth+n
			followPath(value, path[n:], at)
			return
		}
	}
}

// mappingEntry finds a key of a mapping, also a key merged by `<<`.
func mappingEntry(node *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i], node.Content[i+1]
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		merged := node.Content[i+1]
		if node.Content[i].Value != "<<" {
			continue
		}
		if merged.Kind == yaml.AliasNode {
			merged = merged.Alias
		}
		if merged.Kind == yaml.MappingNode {
			return mappingEntry(merged, name)
		}
	}
	return nil, nil
}

func followSequence(node *yaml.Node, path []string, at *location) {
	for i, item := range node.Content {
		if strconv.Itoa(i) == path[0] || isNamed(item, path[0]) {
			at.line, at.column, at.depth = item.Line, item.Column, at.depth+1
			followPath(item, path[1:], at)
			return
		}
	}
}

// isNamed reports whether a list item stands for a name: the name itself, a short form with the name ("data:/data",
// "KEY=value"), or a mapping. In a mapping, the source or target is the name.
func isNamed(item *yaml.Node, name string) bool {
	switch item.Kind {
	case yaml.ScalarNode:
		rest, ok := strings.CutPrefix(item.Value, name)
		return ok && (rest == "" || strings.ContainsAny(rest[:1], ":=")) ||
			slices.Contains(strings.Split(item.Value, ":"), name)
	case yaml.MappingNode:
		_, source := mappingEntry(item, "source")
		_, target := mappingEntry(item, "target")
		return source != nil && source.Value == name || target != nil && target.Value == name
	default:
		return false
	}
}

// extendedService returns the service that a service extends, or an empty name.
func (s *sources) extendedService(service string) string {
	for _, doc := range s.docs() {
		if doc.root == nil || len(doc.root.Content) == 0 {
			continue
		}
		node := valueAt(doc.root.Content[0], "services", service, "extends")
		if node != nil && node.Kind == yaml.MappingNode {
			_, node = mappingEntry(node, "service")
		}
		if node != nil && node.Kind == yaml.ScalarNode {
			return node.Value
		}
	}
	return ""
}

// valueAt follows the keys of mappings and returns the value, or nil.
func valueAt(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		if node == nil || node.Kind != yaml.MappingNode {
			return nil
		}
		if _, node = mappingEntry(node, name); node != nil && node.Kind == yaml.AliasNode {
			node = node.Alias
		}
	}
	return node
}

// locateFile finds the mention of a file in the compose files: by include, extends or env_file.
func (s *sources) locateFile(file string) location {
	for _, doc := range s.docs() {
		if doc.root == nil {
			continue
		}
		if node := findScalar(doc.root, filepath.Dir(doc.file), file); node != nil {
			return location{file: doc.file, line: node.Line, column: node.Column, isComplete: true}
		}
	}
	return location{}
}

func findScalar(node *yaml.Node, dir, file string) *yaml.Node {
	if node.Kind == yaml.ScalarNode && node.Value != "" &&
		(node.Value == file || filepath.Join(dir, node.Value) == file) {
		return node
	}
	for _, child := range node.Content {
		if found := findScalar(child, dir, file); found != nil {
			return found
		}
	}
	return nil
}

// sectionKeys returns the keys of a top-level section of all files.
func (s *sources) sectionKeys(section string) []string {
	var names []string
	for _, doc := range s.docs() {
		if doc.root == nil || len(doc.root.Content) == 0 || doc.root.Content[0].Kind != yaml.MappingNode {
			continue
		}
		_, value := mappingEntry(doc.root.Content[0], section)
		if value == nil || value.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i < len(value.Content); i += 2 {
			names = append(names, value.Content[i].Value)
		}
	}
	return names
}
