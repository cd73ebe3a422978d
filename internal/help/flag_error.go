package help

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"tasks/internal/suggest"
)

// FlagError is the message for an error of the command line parser: the fact, then the remedy. flags are the flags of
// the command.
func FlagError(flags *pflag.FlagSet, command string, err error) string {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return unknownFlag(flags, command, unknown)
	}
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		metavar, _ := pflag.UnquoteUsage(missing.GetFlag())
		return fmt.Sprintf("--%[1]s needs a value: --%[1]s %[2]s", missing.GetFlag().Name, metavar)
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Sprintf("--%s %s: %s", invalid.GetFlag().Name, invalid.GetValue(), valueAdvice(invalid))
	}
	return err.Error()
}

func unknownFlag(flags *pflag.FlagSet, command string, unknown *pflag.NotExistError) string {
	all := fmt.Sprintf("`%s --help` lists the flags", command)
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		return fmt.Sprintf("unknown flag -%s: %s", unknown.GetSpecifiedName(), all)
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	name := "--" + unknown.GetSpecifiedName()
	if near := suggest.Nearest(name, names); near != "" {
		all = fmt.Sprintf("did you mean %s?", near)
	}
	return fmt.Sprintf("unknown flag %s: %s", name, all)
}

// valueAdvice is the remedy for a value of the wrong type.
func valueAdvice(invalid *pflag.InvalidValueError) string {
	value := invalid.GetValue()
	switch invalid.GetFlag().Value.Type() {
	case "duration":
		if strings.Trim(value, "0123456789.") == "" && value != "" {
			return fmt.Sprintf("add a unit, as in %[1]ss or %[1]sm", value)
		}
		return "write a duration, as in 90s or 5m"
	case "int":
		return "write a whole number"
	case "bool":
		return "write true or false"
	}
	return invalid.Unwrap().Error()
}
