package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
)

// completeWords offers what a task declares for its words: flags, their values where those are known, and values of the
// argument that comes next. Where any text may stand, the shell offers files.
func completeWords(u *hclspec.Usage, words []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if u == nil || len(u.Args)+len(u.Flags) == 0 || slices.Contains(words, "--") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	flag, position := readSoFar(u, words)
	switch name, _, given := strings.Cut(begun, "="); {
	case flag != nil:
		return values(flag, "", begun)
	case given && strings.HasPrefix(begun, "--"):
		if p := flagCalled(u, name); p != nil {
			return values(p, name+"=", begun)
		}
	case strings.HasPrefix(begun, "-"):
		return flagNamesOf(u, begun), cobra.ShellCompDirectiveNoFileComp
	case position < len(u.Args):
		return values(&u.Args[position], "", begun)
	case len(u.Args) > 0 && u.Args[len(u.Args)-1].Variadic:
		return values(&u.Args[len(u.Args)-1], "", begun)
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// readSoFar gives the flag that waits for its value, if any, and the number of arguments before.
func readSoFar(u *hclspec.Usage, words []string) (waiting *hclspec.Param, position int) {
	for _, word := range words {
		switch {
		case waiting != nil:
			waiting = nil
		case len(word) > 1 && strings.HasPrefix(word, "-"):
			if p := flagCalled(u, word); p != nil && p.Type != "bool" {
				waiting = p
			}
		default:
			position++
		}
	}
	return waiting, position
}

// flagCalled finds the flag that a word names, by its long or short name without a value.
func flagCalled(u *hclspec.Usage, word string) *hclspec.Param {
	i := slices.IndexFunc(u.Flags, func(p hclspec.Param) bool {
		return word == "--"+p.Name || p.Short != "" && word == "-"+p.Short
	})
	if i < 0 {
		return nil
	}
	return &u.Flags[i]
}

func flagNamesOf(u *hclspec.Usage, begun string) []cobra.Completion {
	var names []cobra.Completion
	for _, p := range u.Flags {
		if strings.HasPrefix("--"+p.Name, begun) {
			names = append(names, cobra.CompletionWithDesc("--"+p.Name, p.Description))
		}
	}
	return names
}

// values offers those of an argument or flag, if they are known. Where any text will do, the shell offers files.
func values(p *hclspec.Param, head, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	known := p.Enum
	switch {
	case len(known) > 0:
	case p.Type == "bool":
		known = []string{"true", "false"}
	case p.Type == "string":
		return nil, cobra.ShellCompDirectiveDefault
	}
	var offered []cobra.Completion
	for _, value := range known {
		if strings.HasPrefix(head+value, begun) {
			offered = append(offered, head+value)
		}
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}
