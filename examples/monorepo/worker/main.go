// The program worker answers the messages of the queue until SIGTERM.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gomodule/redigo/redis"

	"monorepo/queue"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	q, err := queue.Open(ctx)
	if err != nil {
		log.Fatal("worker: ", err)
	}
	defer q.Close()
	for ctx.Err() == nil {
		if err := answerNext(q); err != nil {
			log.Fatal("worker: ", err)
		}
	}
}

// answerNext answers one message, if there is one.
func answerNext(q *queue.Queue) error {
	message, err := q.Next()
	if errors.Is(err, redis.ErrNil) {
		return nil
	}
	if err != nil {
		return err
	}
	return q.Answer(message, upper(message.Text))
}

// upper is the work: capital letters, and single spaces between words.
func upper(text string) string { return strings.ToUpper(strings.Join(strings.Fields(text), " ")) }
