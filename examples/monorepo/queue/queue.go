// Package queue carries texts from the API to the worker, and their results back, through Redis.
package queue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gomodule/redigo/redis"
)

// Level is "info", or "debug" to log each message. The build sets the level.
var Level = "info"

const list = "texts"

// Message is a text on its way to the worker.
type Message struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Queue is a connection to Redis. One goroutine at a time may use a queue.
type Queue struct{ conn redis.Conn }

// Open connects to the server at REDIS_ADDRESS.
func Open(ctx context.Context) (*Queue, error) {
	conn, err := redis.DialContext(ctx, "tcp", os.Getenv("REDIS_ADDRESS"))
	if err != nil {
		return nil, fmt.Errorf("REDIS_ADDRESS: %w", err)
	}
	return &Queue{conn}, nil
}

// Close ends the connection.
func (q *Queue) Close() { q.conn.Close() }

// Ping reports an error if Redis does not answer.
func (q *Queue) Ping() error {
	_, err := q.conn.Do("PING")
	return err
}

// Ask sends a text to the worker, and waits for the result, at most ten seconds.
func (q *Queue) Ask(text string) (string, error) {
	message := Message{ID: rand.Text(), Text: text}
	if err := q.push(list, Encode(message)); err != nil {
		return "", err
	}
	return q.pop("result:"+message.ID, 10*time.Second)
}

// Next waits for a text, at most one second. Without a text the error is [redis.ErrNil].
func (q *Queue) Next() (Message, error) {
	text, err := q.pop(list, time.Second)
	if err != nil {
		return Message{}, err
	}
	return Decode(text)
}

// Answer sends the result of a message.
func (q *Queue) Answer(m Message, result string) error { return q.push("result:"+m.ID, result) }

func (q *Queue) push(key, value string) error {
	if Level == "debug" {
		log.Printf("push %s %s", key, value)
	}
	_, err := q.conn.Do("LPUSH", key, value)
	return err
}

func (q *Queue) pop(key string, limit time.Duration) (string, error) {
	pair, err := redis.Strings(redis.DoWithTimeout(q.conn, limit+5*time.Second, "BRPOP", key, limit.Seconds()))
	if err != nil {
		return "", err
	}
	return pair[1], nil
}

// Encode returns the form of a message in Redis.
func Encode(m Message) string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // two strings always have a form
	}
	return string(text)
}

// Decode is the inverse of [Encode].
func Decode(text string) (m Message, err error) {
	if err = json.Unmarshal([]byte(text), &m); err == nil && m.ID == "" {
		err = fmt.Errorf("message %q has no id", text)
	}
	return m, err
}
