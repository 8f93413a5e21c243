/** What teaches an agent the command line, in the form of a skill file: `docs/skill/SKILL.md`. */
export const SKILL = `---
name: holdfast
description: Lease files before you edit them, so that other agents in this repository do not overwrite your work. Use before edits, and when an edit or commit is refused by holdfast.
---

# Work beside other agents with holdfast

Several agents work in this repository. A lease says who may write where. Take one before you edit,
give it up when you are done. Others are refused meanwhile, and so are you.

## Who you are

Each agent has a name of its own. If HOLDFAST_HOLDER is set, that is yours. If not, choose one that
nobody else has, such as claude-7f3a, and begin each command with it: HOLDFAST_HOLDER=claude-7f3a.

## Before you edit

    holdfast acquire api --path src/api --ttl 15m --request-id api-1

api is a name of your choice for this piece of work; --path names a file or folder (repeat it for
more), --region 'src/**/*.test.ts' a glob. The answer names your lease and its token:

    granted  api  api@12  token 12  …

Exit 0: it is yours for 15 minutes. Exit 3: somebody else has it; see below. If no answer came, send
the same line again: the request id makes it the same request. Take another id for another request.

## While you work

    holdfast heartbeat api --token 12

renews it for another 15 minutes. Do it between long steps. Exit 4 means that you have lost it: stop
writing there, look at what changed (holdfast history api), and acquire it anew.

For one long command, let holdfast renew it; the command is stopped if the lease is lost:

    holdfast run api --path src/api -- npm test

## When you are done

    holdfast release api --token 12

## May I write this file now?

    holdfast guard check src/api/x.ts

Exit 0: yes. Exit 3: no, and it says who has it and until when. Ask for files outside your lease.

## Refused (exit 3)

The answer says who holds what, until when, and lines to type next. Choose one:
- Wait in line: the same acquire with --wait 10m (and the same request id).
- Work elsewhere: holdfast leases shows who works where.
- Wait without asking: holdfast wait api --timeout 10m

Do not write there all the same, and do not end the lease of another agent: only a person decides
that. HOLDFAST_GUARD=off is for people.

## Understand

    holdfast leases          who holds what
    holdfast why api         why it is as it is
    holdfast doctor          what blocks work, and what a person can do
    holdfast acquire --help  all flags; --json gives every answer as data

## Rules

1. No lease, no edit: acquire first, also for one file.
2. Ask for as little as you need, and release it early.
3. A lease that was lost is lost: what you wrote after that may have met the work of another agent.
4. If holdfast cannot be reached, do not write; tell a person.
`
