package completion

import (
	"slices"
	"strings"

	"tasks/hclspec"
)

// TaskWords completes a word of a task after the words args: flags, known values of flags, and values of the next
// argument. isText reports whether the word is any text, for which the shell completes files.
func TaskWords(u *hclspec.TaskUsage, args []string, typed string) (candidates []string, isText bool) {
	if u == nil || len(u.Args)+len(u.Flags) == 0 || slices.Contains(args, "--") {
		return nil, true
	}
	flag, position := wordPosition(u, args)
	switch name, _, hasValue := strings.Cut(typed, "="); {
	case flag != nil:
		return paramValues(flag, "", typed)
	case hasValue && strings.HasPrefix(typed, "--"):
		if p := findFlag(u, name); p != nil {
			return paramValues(p, name+"=", typed)
		}
	case strings.HasPrefix(typed, "-"):
		return flagNames(u, typed), false
	case position < len(u.Args):
		return paramValues(&u.Args[position], "", typed)
	case len(u.Args) > 0 && u.Args[len(u.Args)-1].IsVariadic:
		return paramValues(&u.Args[len(u.Args)-1], "", typed)
	}
	return nil, false
}

// wordPosition returns the flag before the word, if the flag still needs a value, and the number of arguments
// before.
func wordPosition(u *hclspec.TaskUsage, args []string) (waiting *hclspec.ParamUsage, position int) {
	for _, word := range args {
		switch {
		case waiting != nil:
			waiting = nil
		case len(word) > 1 && strings.HasPrefix(word, "-"):
			if p := findFlag(u, word); p != nil && p.Type != "bool" {
				waiting = p
			}
		default:
			position++
		}
	}
	return waiting, position
}

// findFlag returns the flag of a word with a long or short name and without a value.
func findFlag(u *hclspec.TaskUsage, word string) *hclspec.ParamUsage {
	i := slices.IndexFunc(u.Flags, func(p hclspec.ParamUsage) bool {
		return word == "--"+p.Name || p.Short != "" && word == "-"+p.Short
	})
	if i < 0 {
		return nil
	}
	return &u.Flags[i]
}

// flagNames completes the long names of flags.
func flagNames(u *hclspec.TaskUsage, typed string) []string {
	var names []string
	for _, p := range u.Flags {
		names = Add(names, typed, "--"+p.Name, p.Description)
	}
	return names
}

// paramValues completes the known values of an argument or flag.
func paramValues(p *hclspec.ParamUsage, prefix, typed string) (candidates []string, isText bool) {
	values := p.Enum
	switch {
	case len(values) > 0:
	case p.Type == "bool":
		values = []string{"true", "false"}
	case p.Type == "string":
		return nil, true
	}
	for _, value := range values {
		candidates = Add(candidates, typed, prefix+value, "")
	}
	return candidates, false
}
