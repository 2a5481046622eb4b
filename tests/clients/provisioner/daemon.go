package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"storj.io/drpc"
)

// The numbers of a log line's source and level.
const (
	fromProvisioner = 1
	info            = 2
)

var (
	errCancelled = errors.New("the job was cancelled")
	errQuit      = errors.New("quit")
)

// daemon acquires jobs and does them, one at a time.
type daemon struct {
	*link
	// commands is nil where nobody tells it what to do.
	commands <-chan []string
	job      string
	retired  bool
}

func (d *daemon) run() error {
	for !d.retired {
		if err := d.at("acquire"); err != nil {
			return leave(err)
		}
		job, err := d.acquire()
		if err != nil {
			return leave(err)
		}
		if job.text(1) == "" {
			say("no job")
			continue
		}
		if err := d.do(job); err != nil {
			return leave(err)
		}
	}
	return nil
}

func leave(err error) error {
	if errors.Is(err, errQuit) {
		return nil
	}
	return err
}

// acquire waits for a job; an empty one says that there is none.
func (d *daemon) acquire() (fields, error) {
	for {
		conn, session, err := d.open()
		if err != nil {
			return nil, err
		}
		stream, err := conn.NewStream(context.Background(), service+"AcquireJobWithCancel", wire{})
		if err != nil {
			_ = conn.Close()
			if lost(session, err) {
				continue
			}
			return nil, err
		}
		say("waiting")
		done, watched := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(watched)
			d.watch(stream, done)
		}()
		var bytes []byte
		err = stream.MsgRecv(&bytes, wire{})
		close(done)
		<-watched
		_ = stream.Close()
		_ = conn.Close()
		if err == nil {
			return parse(bytes)
		}
		if !lost(session, err) {
			return nil, err
		}
	}
}

// watch obeys `quit` and `cancel` while a job is waited for.
func (d *daemon) watch(stream drpc.Stream, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case command, open := <-d.commands:
			if !open {
				return
			}
			switch command[0] {
			case "stall":
				stall()
			case "die":
				os.Exit(137)
			case "quit", "cancel":
				d.retired = command[0] == "quit"
				_ = stream.MsgSend(&[]byte{}, wire{})
			}
		}
	}
}

// do runs a job and tells how it ended.
func (d *daemon) do(job fields) error {
	d.job = job.text(1)
	say("acquired", "job", d.job, "provisioner", job.text(3), "user", job.text(4), "bytes", len(job.last(5).bytes))
	result, err := d.imported(job)
	if errors.Is(err, errQuit) {
		return err
	}
	rpc, request := "CompleteJob", message{}
	request.text(1, d.job)
	if err == nil {
		request.bytes(3, result)
	} else {
		rpc = "FailJob"
		request.text(2, err.Error())
		request.bytes(4, nil)
		if strings.Contains(err.Error(), "required template variables need values") {
			request.text(6, "REQUIRED_TEMPLATE_VARIABLES")
		}
	}
	if err := d.at(rpc); err != nil {
		return err
	}
	_, again, refused := d.call(rpc, request)
	if refused != nil && !(again && refused.Error() == "job already completed") {
		say("not taken", "job", d.job, "rpc", rpc, "error", refused.Error())
		return nil
	}
	if err != nil {
		say("failed", "job", d.job, "error", err.Error())
	} else {
		say("completed", "job", d.job)
	}
	return nil
}

// imported is what a template has, as its archive declares it.
func (d *daemon) imported(job fields) (message, error) {
	if !job.has(7) {
		return nil, errors.New("this daemon only imports templates")
	}
	task, err := parse(job.last(7).bytes)
	if err != nil {
		return nil, err
	}
	if err := d.at("read"); err != nil {
		return nil, err
	}
	found, err := read(job.last(5).bytes)
	for _, name := range found.names {
		if err := d.log("Reading the archive", name); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	if err := d.at("declare"); err != nil {
		return nil, err
	}
	values, err := d.declare(found, task)
	if err != nil {
		return nil, err
	}
	if err := d.log("Planning", fmt.Sprintf("%d resources", len(found.template.Resources))); err != nil {
		return nil, err
	}
	var result message
	for _, one := range found.template.Resources {
		result.bytes(1, one.message())
		if len(one.Agents) == 0 {
			result.bytes(2, one.message())
		}
	}
	for _, one := range found.template.Parameters {
		result.bytes(3, one.message(values))
	}
	return result, nil
}

// declare tells the template's variables and readme; the answer has the variables' values.
func (d *daemon) declare(found archive, task fields) (map[string]string, error) {
	var request message
	for _, one := range found.template.Variables {
		request.bytes(4, one.message())
	}
	for _, value := range task[2] {
		request.bytes(5, value.bytes)
	}
	if found.readme != nil {
		request.bytes(6, found.readme)
	}
	answer, err := d.update(request)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, one := range answer[3] {
		value, err := parse(one.bytes)
		if err != nil {
			return nil, err
		}
		values[value.text(1)] = value.text(2)
	}
	return values, nil
}

func (d *daemon) log(stage, output string) error {
	var line, request message
	line.number(1, fromProvisioner)
	line.number(2, info)
	line.number(3, time.Now().UnixMilli())
	line.text(4, stage)
	line.text(5, output)
	request.bytes(2, line)
	_, err := d.update(request)
	return err
}

// update says what is new, and that the job is alive.
func (d *daemon) update(news message) (fields, error) {
	var request message
	request.text(1, d.job)
	answer, _, err := d.call("UpdateJob", append(request, news...))
	if err == nil && answer.flag(1) {
		return nil, errCancelled
	}
	return answer, err
}

// at stops before a step, where somebody says what to do.
func (d *daemon) at(step string) error {
	if d.commands == nil {
		return nil
	}
	say("at", "step", step)
	for command := range d.commands {
		verb, rest := command[0], command[1]
		switch verb {
		case "go":
			return nil
		case "quit":
			return errQuit
		case "stall":
			stall()
		case "die":
			os.Exit(137)
		case "update":
			_, err := d.update(nil)
			if err != nil {
				return err
			}
			say("updated")
		case "log":
			if err := d.log("Talking", rest); err != nil {
				return err
			}
			say("logged")
		case "call":
			rpc, job, _ := strings.Cut(rest, " ")
			var request message
			request.text(1, job)
			answer, _, err := d.call(rpc, request)
			tell("called", answer, err)
		case "upload":
			tell("uploaded", nil, d.upload(rest))
		case "download":
			size, err := d.download(rest)
			tell("downloaded", size, err)
		default:
			return fmt.Errorf("unknown command %q", verb)
		}
	}
	return errQuit
}

func tell(event string, answer any, err error) {
	if err != nil {
		say(event, "error", err.Error())
	} else {
		say(event, "answer", fmt.Sprint(answer))
	}
}
