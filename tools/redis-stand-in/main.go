// Redis-stand-in serves an empty Redis where OpenIM's configuration expects one, with the password that
// it has there, until it is ended.
package main

import (
	"log"

	"github.com/alicebob/miniredis/v2"
)

func main() {
	redis := miniredis.NewMiniRedis()
	redis.RequireAuth("openIM123")
	if err := redis.StartAddr("127.0.0.1:16379"); err != nil {
		log.Fatal(err)
	}
	log.Printf("Redis listens on %s", redis.Addr())
	select {}
}
