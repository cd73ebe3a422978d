package shellwords

import (
	"errors"
	"fmt"
	"strings"
)

// Operators returns the texts that a command may not have outside of quotes, longest first. They have a meaning
// for a shell, and no shell reads a command.
func Operators() []string {
	return []string{"&&", "||", "|", ";", ">", "<", "$", "*", "`"}
}

// OperatorError reports a command text with a shell operator.
type OperatorError struct{ Operator string }

func (e OperatorError) Error() string {
	return fmt.Sprintf("no shell runs the command, so %q has no effect here: use `script`, or quote it", e.Operator)
}

// Split splits a command's text at spaces as a POSIX shell does, with quotes and backslashes. Nothing is expanded.
func Split(text string, operators []string) ([]string, error) {
	s := splitter{rest: text, operators: operators, words: []string{}}
	for s.rest != "" {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	s.finish()
	return s.words, nil
}

type splitter struct {
	rest      string
	operators []string
	word      strings.Builder
	// isInWord reports whether a word has begun. The word may be empty, as "" is.
	isInWord bool
	words    []string
}

// finish ends the current word.
func (s *splitter) finish() {
	if s.isInWord {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.isInWord = false
}

func (s *splitter) step() error {
	char := s.rest[0]
	if strings.IndexByte(" \t\r\n", char) >= 0 {
		s.rest = s.rest[1:]
		s.finish()
		return nil
	}
	for _, operator := range s.operators {
		if strings.HasPrefix(s.rest, operator) {
			return OperatorError{operator}
		}
	}
	s.isInWord = true
	switch char {
	case '\'':
		return s.singleQuoted()
	case '"':
		return s.doubleQuoted()
	case '\\':
		return s.escaped()
	}
	s.word.WriteByte(char)
	s.rest = s.rest[1:]
	return nil
}

func (s *splitter) singleQuoted() error {
	text, rest, closed := strings.Cut(s.rest[1:], "'")
	if !closed {
		return errors.New("a single quote is not closed")
	}
	s.word.WriteString(text)
	s.rest = rest
	return nil
}

func (s *splitter) escaped() error {
	if len(s.rest) == 1 {
		return errors.New("a backslash at the end escapes nothing")
	}
	s.word.WriteByte(s.rest[1])
	s.rest = s.rest[2:]
	return nil
}

// doubleQuoted reads text between double quotes. A backslash escapes only the special characters there.
func (s *splitter) doubleQuoted() error {
	for i := 1; i < len(s.rest); i++ {
		switch char := s.rest[i]; {
		case char == '"':
			s.rest = s.rest[i+1:]
			return nil
		case char == '\\' && i+1 < len(s.rest) && strings.IndexByte("\"\\$`", s.rest[i+1]) >= 0:
			i++
			s.word.WriteByte(s.rest[i])
		default:
			s.word.WriteByte(char)
		}
	}
	return errors.New("a double quote is not closed")
}

// Quote writes words so that a POSIX shell reads the same words.
func Quote(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = QuoteWord(word)
	}
	return strings.Join(quoted, " ")
}

func QuoteWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-+./:@%,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
