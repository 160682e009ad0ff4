import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startServer } from './server';

// How to talk (--node-ipc, --stdio, --socket=N) is read from argv.
startServer(createConnection(ProposedFeatures.all));
