const { OpenFeature } = require('@openfeature/server-sdk');
const express = require('express');
const { createHalyard, fileStore } = require('halyard');
const { flags, killSwitch, requireFlag } = require('halyard/express');
const { Registry } = require('prom-client');
const scenario = require('./scenario.cjs');

scenario({ createHalyard, express, fileStore, flags, killSwitch, OpenFeature, Registry, requireFlag });
