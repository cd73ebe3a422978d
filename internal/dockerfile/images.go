// Package dockerfile finds the images that a Dockerfile names: in FROM, in COPY --from and in RUN --mount=from=. The
// parser is BuildKit's own, so build arguments and stage names have the meaning that they have in a build.
package dockerfile

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// Image is an image that a Dockerfile names.
type Image struct {
	// Ref is the reference as in the Dockerfile, with the values of arguments.
	Ref string
	// Line is the line of the instruction, counted from 1.
	Line int
}

// Options are the parts of a build that change the meaning of a Dockerfile.
type Options struct {
	// Args are the build arguments. A nil value is no argument.
	Args map[string]*string
	// Target is the stage to build. Empty: the last stage.
	Target string
	// Contexts are the named contexts. A name replaces the stage or the image with this name.
	Contexts map[string]string
	// Platform is the platform of the result, "linux/arm64". Empty: the platform of this machine.
	Platform string
}

// dockerImage is the scheme of a named context with an image.
const dockerImage = "docker-image://"

// Images returns the images that a build of a Dockerfile uses, each once, in the order of the file. Stages that the
// target does not need name no images.
func Images(text []byte, o Options) ([]Image, error) {
	b, err := newBuild(text, o)
	if err != nil {
		return nil, err
	}
	target, err := b.target()
	if err != nil {
		return nil, err
	}
	b.use(target)
	return b.inOrder(), nil
}

// newBuild reads the stages of a Dockerfile.
func newBuild(text []byte, o Options) (*build, error) {
	file, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	stages, args, err := instructions.Parse(file.AST, nil)
	if err != nil {
		return nil, err
	}
	if len(stages) == 0 {
		return nil, errors.New("a Dockerfile without FROM")
	}
	b := &build{options: o, contexts: normalizedContexts(o.Contexts), lex: shell.NewLex(file.EscapeToken)}
	if err := b.readArgs(args); err != nil {
		return nil, err
	}
	return b, b.readStages(stages)
}

// build is the reading of a Dockerfile for one build.
type build struct {
	options  Options
	contexts map[string]string
	lex      *shell.Lex
	// args are the arguments before the first FROM.
	args   map[string]string
	stages []*stage
	images []Image
}

// stage is a stage with its sources.
type stage struct {
	name, base string
	line       int
	// parent is the stage in FROM. Nil: base is an image.
	parent   *stage
	commands []instructions.Command
	isUsed   bool
}

// readArgs reads the arguments before the first FROM. Only these have a value in FROM.
func (b *build) readArgs(commands []instructions.ArgCommand) error {
	b.args = b.platformArgs()
	for _, command := range commands {
		for _, arg := range command.Args {
			given, isGiven := b.options.Args[arg.Key]
			switch {
			case isGiven && given != nil:
				b.args[arg.Key] = *given
			case arg.Value != nil:
				value, err := b.expand(*arg.Value)
				if err != nil {
					return fmt.Errorf("line %d: %w", firstLine(command.Location()), err)
				}
				b.args[arg.Key] = value
			}
		}
	}
	return nil
}

// platformArgs returns the arguments that every Dockerfile has.
func (b *build) platformArgs() map[string]string {
	own := "linux/" + runtime.GOARCH
	args := map[string]string{"TARGETSTAGE": b.options.Target}
	for prefix, platform := range map[string]string{"BUILD": own, "TARGET": b.options.Platform} {
		if platform == "" {
			platform = own
		}
		parts := append(strings.SplitN(platform, "/", 3), "", "")
		args[prefix+"PLATFORM"], args[prefix+"OS"], args[prefix+"ARCH"] = platform, parts[0], parts[1]
		args[prefix+"VARIANT"] = parts[2]
	}
	for name := range args {
		if given := b.options.Args[name]; given != nil {
			args[name] = *given
		}
	}
	return args
}

func (b *build) expand(word string) (string, error) {
	var env []string
	for _, name := range slices.Sorted(maps.Keys(b.args)) {
		env = append(env, name+"="+b.args[name])
	}
	result, err := b.lex.ProcessWordWithMatches(word, shell.EnvsFromSlice(env))
	return result.Result, err
}

// readStages connects each stage with an earlier stage of the name in FROM.
func (b *build) readStages(parsed []instructions.Stage) error {
	for _, p := range parsed {
		base, err := b.expand(p.BaseName)
		if err != nil {
			return fmt.Errorf("line %d: %w", firstLine(p.Location), err)
		}
		b.stages = append(b.stages, &stage{
			name: strings.ToLower(p.Name), base: base, line: firstLine(p.Location), commands: p.Commands,
			parent: b.stageNamed(base),
		})
	}
	return nil
}

// stageNamed returns the last stage with a name so far, or nil.
func (b *build) stageNamed(name string) *stage {
	for _, s := range slices.Backward(b.stages) {
		if s.name != "" && s.name == strings.ToLower(name) {
			return s
		}
	}
	return nil
}

func (b *build) target() (*stage, error) {
	if b.options.Target == "" {
		return b.stages[len(b.stages)-1], nil
	}
	if s := b.stageNamed(b.options.Target); s != nil {
		return s, nil
	}
	if index, err := strconv.Atoi(b.options.Target); err == nil && index >= 0 && index < len(b.stages) {
		return b.stages[index], nil
	}
	return nil, fmt.Errorf("the Dockerfile has no stage %q", b.options.Target)
}

// use collects the images of a stage.
func (b *build) use(s *stage) {
	if s.isUsed {
		return
	}
	s.isUsed = true
	if s.name != "" && b.useContext(s.name, s.line) {
		return
	}
	if s.parent != nil {
		b.use(s.parent)
	} else {
		b.addImage(s.base, s.line)
	}
	for _, command := range s.commands {
		for _, source := range sources(command) {
			b.useSource(source, firstLine(command.Location()))
		}
	}
}

// sources returns the stages and images that an instruction copies from or mounts.
func sources(command instructions.Command) []string {
	var names []string
	switch c := command.(type) {
	case *instructions.CopyCommand:
		names = append(names, c.From)
	case *instructions.RunCommand:
		for _, m := range instructions.GetMounts(c) {
			names = append(names, m.From)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// useSource follows a source to its stage, by name or by number. Any other source is an image.
func (b *build) useSource(name string, line int) {
	if s := b.stageNamed(name); s != nil {
		b.use(s)
		return
	}
	if index, err := strconv.Atoi(name); err == nil {
		if index >= 0 && index < len(b.stages) {
			b.use(b.stages[index])
		}
		return
	}
	b.addImage(name, line)
}

// addImage adds an image, unless a named context takes its place.
func (b *build) addImage(ref string, line int) {
	isImage := !strings.EqualFold(ref, "scratch") && ref != ""
	if !isImage || b.useContext(ref, line) {
		return
	}
	b.images = append(b.images, Image{Ref: ref, Line: line})
}

// inOrder returns the images in the order of the file, each at its first place.
func (b *build) inOrder() []Image {
	slices.SortStableFunc(b.images, func(x, y Image) int { return x.Line - y.Line })
	seen := map[string]bool{}
	return slices.DeleteFunc(b.images, func(i Image) bool {
		isRepeated := seen[i.Ref]
		seen[i.Ref] = true
		return isRepeated
	})
}

// useContext reports whether a named context takes the place of a name. The context may be an image.
func (b *build) useContext(name string, line int) bool {
	source, exists := b.contexts[contextKey(name)]
	if ref, isImage := strings.CutPrefix(source, dockerImage); isImage {
		b.images = append(b.images, Image{Ref: ref, Line: line})
	}
	return exists
}

func normalizedContexts(contexts map[string]string) map[string]string {
	normalized := map[string]string{}
	for name, source := range contexts {
		normalized[contextKey(name)] = source
	}
	return normalized
}

// contextKey returns the name by which BuildKit looks a named context up.
func contextKey(name string) string {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return name
	}
	return strings.TrimSuffix(reference.FamiliarString(named), ":latest")
}

func firstLine(ranges []parser.Range) int {
	if len(ranges) == 0 {
		return 0
	}
	return ranges[0].Start.Line
}

// FinalImage returns the image below the target stage: the image of the stage, or of its first ancestor in FROM.
func FinalImage(text []byte, o Options) (string, error) {
	b, err := newBuild(text, o)
	if err != nil {
		return "", err
	}
	final, err := b.target()
	if err != nil {
		return "", err
	}
	for final.parent != nil {
		final = final.parent
	}
	return final.base, nil
}
