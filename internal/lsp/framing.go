package lsp

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of a message. A larger document is no file of the language.
const (
	maxMessage    = 64 << 20
	maxHeaderLine = 4 << 10
)

// framedChannel reads and writes messages with the header of the protocol. The channel of the library reserves as much
// memory as a header asks for; this channel has a limit.
type framedChannel struct {
	in  *bufio.Reader
	out io.Writer
	end func()
}

func newFramedChannel(in io.Reader, out io.Writer, end func()) *framedChannel {
	return &framedChannel{in: bufio.NewReaderSize(in, maxHeaderLine), out: out, end: end}
}

// Send implements the interface of the library.
func (c *framedChannel) Send(message []byte) error {
	_, err := c.out.Write(append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(message)), message...))
	return err
}

// Recv implements the interface of the library.
func (c *framedChannel) Recv() ([]byte, error) {
	size := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return nil, err // a longer line is an error too
		}
		name, value, _ := strings.Cut(strings.TrimSpace(string(line)), ":")
		if name == "" {
			if size < 0 {
				return nil, fmt.Errorf("a message without Content-Length")
			}
			break
		}
		if !strings.EqualFold(name, "Content-Length") {
			continue
		}
		size, err = strconv.Atoi(strings.TrimSpace(value))
		if err != nil || size < 0 || size > maxMessage {
			return nil, fmt.Errorf("a message with Content-Length %q: the limit is %d", strings.TrimSpace(value), maxMessage)
		}
	}
	var message strings.Builder
	n, err := io.CopyN(&message, c.in, int64(size))
	if n < int64(size) {
		return nil, fmt.Errorf("a message of %d bytes ended after %d: %w", size, n, err)
	}
	return []byte(message.String()), nil
}

// Close implements the interface of the library.
func (c *framedChannel) Close() error {
	c.end()
	return nil
}
