import { Controller, Get, type ExecutionContext } from '@nestjs/common';
import { BooleanFeatureFlag, FeatureClient, OpenFeatureModule, RequireFlagsEnabled } from '@openfeature/nestjs-sdk';
