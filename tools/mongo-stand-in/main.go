// Mongo-stand-in serves an empty MongoDB where OpenIM's configuration expects one, until it is ended,
// with its files in the working directory. It asks for no credentials.
package main

import (
	"context"
	"log"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	config := ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:37017"},
		Handler:   "sqlite",
		SQLiteURL: "file:./",
	}
	server, err := ferretdb.New(&config)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("MongoDB listens on %s", config.Listener.TCP)
	if err := server.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
