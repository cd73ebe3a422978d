package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/completion"
)

// completeArgs completes a word of a task: flags, known values of flags, and values of the next argument. Where any
// text may stand, the shell completes files.
func completeArgs(u *hclspec.TaskUsage, args []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	if u == nil || len(u.Args)+len(u.Flags) == 0 || slices.Contains(args, "--") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	flag, position := completionPosition(u, args)
	switch name, _, hasValue := strings.Cut(toComplete, "="); {
	case flag != nil:
		return completeValues(flag, "", toComplete)
	case hasValue && strings.HasPrefix(toComplete, "--"):
		if p := findFlag(u, name); p != nil {
			return completeValues(p, name+"=", toComplete)
		}
	case strings.HasPrefix(toComplete, "-"):
		return completeFlagNames(u, toComplete), cobra.ShellCompDirectiveNoFileComp
	case position < len(u.Args):
		return completeValues(&u.Args[position], "", toComplete)
	case len(u.Args) > 0 && u.Args[len(u.Args)-1].IsVariadic:
		return completeValues(&u.Args[len(u.Args)-1], "", toComplete)
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completionPosition returns the flag before the word, if the flag still needs a value, and the number of arguments
// before.
func completionPosition(u *hclspec.TaskUsage, args []string) (waiting *hclspec.ParamUsage, position int) {
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

// completeFlagNames completes the long names of flags.
func completeFlagNames(u *hclspec.TaskUsage, toComplete string) []cobra.Completion {
	var names []cobra.Completion
	for _, p := range u.Flags {
		names = completion.Add(names, toComplete, "--"+p.Name, p.Description)
	}
	return names
}

// completeValues completes known values of an argument or flag. Where any text may stand, the shell completes files.
func completeValues(p *hclspec.ParamUsage, prefix, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	candidates := p.Enum
	switch {
	case len(candidates) > 0:
	case p.Type == "bool":
		candidates = []string{"true", "false"}
	case p.Type == "string":
		return nil, cobra.ShellCompDirectiveDefault
	}
	var offered []cobra.Completion
	for _, value := range candidates {
		offered = completion.Add(offered, toComplete, prefix+value, "")
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}
